namespace Wombat.Forge.Pve;

/// <summary>The connection to Proxmox VE, read from environment variables (FORGE_PVE_…).</summary>
/// <param name="Nodes">The nodes on which containers are created; empty for all nodes of the cluster.</param>
/// <param name="Token"><c>user@realm!name=secret</c>.</param>
/// <param name="Fingerprint">SHA-256 hash of the server's certificate, or null to verify the certificate by its CA.</param>
/// <param name="Templates">Template names, each with a template volume or, as <c>clone:VMID</c>, a container to clone.</param>
internal sealed record PveSettings(
    Uri Url,
    IReadOnlyList<string> Nodes,
    string Token,
    string? CaFile,
    string? Fingerprint,
    string Storage,
    string? Bridge,
    string? Pool,
    IReadOnlyDictionary<string, string> Templates
)
{
    /// <exception cref="ForgeException">Usage: a variable is missing or invalid; the message names it.</exception>
    public static PveSettings Read()
    {
        var url = Backends.Required("FORGE_PVE_URL");
        if (!Uri.TryCreate(url.TrimEnd('/') + "/api2/json/", UriKind.Absolute, out var address) || address.Scheme != "https")
        {
            throw new ForgeException(ExitCode.Usage, "FORGE_PVE_URL: must be an https:// URL such as https://pve.example:8006");
        }

        return new PveSettings(
            address,
            ReadNodes(),
            ReadToken(),
            Backends.Setting("FORGE_PVE_CA_FILE"),
            Backends.Setting("FORGE_PVE_FINGERPRINT")?.Replace(":", "", StringComparison.Ordinal).ToUpperInvariant(),
            Backends.Setting("FORGE_PVE_STORAGE") ?? "local-lvm",
            Backends.Setting("FORGE_PVE_BRIDGE"),
            Backends.Setting("FORGE_PVE_POOL"),
            ReadTemplates()
        );
    }

    private static string[] ReadNodes()
    {
        var text = Backends.Required("FORGE_PVE_NODE");
        string[] names = [.. text.Split(',', StringSplitOptions.TrimEntries).Distinct(StringComparer.Ordinal)];
        return names is ["*"] ? []
            : names.All(n => CommandLine.NodeForm().IsMatch(n)) ? names
            : throw new ForgeException(
                ExitCode.Usage,
                $"FORGE_PVE_NODE: '{text}' must be names of nodes, separated by commas, or * for all nodes of the cluster"
            );
    }

    private static string ReadToken()
    {
        var file = Backends.Setting("FORGE_PVE_TOKEN_FILE");
        try
        {
            var token = file is null ? Backends.Required("FORGE_PVE_TOKEN") : File.ReadAllText(file).Trim();
            return
                token.Contains('!', StringComparison.Ordinal) && token.Contains('=', StringComparison.Ordinal) && !token.Any(char.IsControl)
                ? token
                : throw new ForgeException(ExitCode.Usage, "FORGE_PVE_TOKEN: must be of the form user@realm!name=secret");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ForgeException(ExitCode.Usage, "FORGE_PVE_TOKEN_FILE: cannot read the file; an administrator must check it", e);
        }
    }

    private static Dictionary<string, string> ReadTemplates()
    {
        var templates = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (
            var entry in Backends
                .Required("FORGE_PVE_TEMPLATES")
                .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
        )
        {
            if (entry.Split('=', 2) is not [{ Length: > 0 } name, { Length: > 0 } source])
            {
                throw new ForgeException(
                    ExitCode.Usage,
                    $"FORGE_PVE_TEMPLATES: '{entry}' is not of the form name=storage:vztmpl/file or name=clone:VMID"
                );
            }

            templates[name] = source;
        }

        return templates;
    }
}
