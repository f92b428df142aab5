namespace Wombat.Forge.Pve;

/// <summary>How a Proxmox VE is reached, from the environment (FORGE_PVE_…).</summary>
/// <param name="Token"><c>user@realm!name=secret</c>.</param>
/// <param name="Fingerprint">SHA-256 of the server's certificate, or null to verify it by CA.</param>
/// <param name="Templates">Names that callers use, each for a template volume or, as <c>clone:VMID</c>, a container to clone.</param>
internal sealed record PveSettings(
    Uri Url,
    string Node,
    string Token,
    string? CaFile,
    string? Fingerprint,
    string Storage,
    string? Bridge,
    string? Pool,
    IReadOnlyDictionary<string, string> Templates
)
{
    /// <exception cref="ForgeException">A variable is missing or wrong; the message names it.</exception>
    public static PveSettings Read()
    {
        var url = Backends.Required("FORGE_PVE_URL");
        if (!Uri.TryCreate(url.TrimEnd('/') + "/api2/json/", UriKind.Absolute, out var address) || address.Scheme != "https")
        {
            throw new ForgeException(ExitCode.Usage, "FORGE_PVE_URL: must be an https:// address such as https://pve.example:8006");
        }

        return new PveSettings(
            address,
            Backends.Required("FORGE_PVE_NODE"),
            ReadToken(),
            Backends.Setting("FORGE_PVE_CA_FILE"),
            Backends.Setting("FORGE_PVE_FINGERPRINT")?.Replace(":", "", StringComparison.Ordinal).ToUpperInvariant(),
            Backends.Setting("FORGE_PVE_STORAGE") ?? "local-lvm",
            Backends.Setting("FORGE_PVE_BRIDGE"),
            Backends.Setting("FORGE_PVE_POOL"),
            ReadTemplates()
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
            throw new ForgeException(ExitCode.Usage, "FORGE_PVE_TOKEN_FILE: cannot be read; an administrator must look at it", e);
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
