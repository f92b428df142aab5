using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Wombat.Infrastructure.Processes;

namespace Wombat.Forge.Lxc;

/// <summary>The packet filter of this machine, by nft.</summary>
internal sealed partial class NetworkTables(NetworkRecords records)
{
    private const StringSplitOptions Trimmed = StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    /// <summary>Loads the rules of all networks unless they are loaded.</summary>
    /// <exception cref="NetworkMissingException">This machine does not support the rules.</exception>
    public async Task ApplyAsync(CancellationToken cancel)
    {
        if (await IsLoadedAsync(Rules(), cancel))
        {
            return;
        }

        // Processes that waited here find what the one before them has loaded.
        await using var rulesLock = await records.LockRulesAsync(cancel);
        var rules = Rules();
        if (!await IsLoadedAsync(rules, cancel))
        {
            using var input = new MemoryStream(Encoding.UTF8.GetBytes(rules.Text));
            await RunAsync(["-f", "-"], input, cancel);
            records.LoadedRules = rules.IsEmpty ? "" : await FingerprintAsync(rules, cancel);
        }
    }

    /// <summary>
    /// The chain of another program that drops forwarded packets by default, such as Docker's, whatever the rules of networks accept;
    /// null if there is none.
    /// </summary>
    public static async Task<string?> FindForwardDropAsync(CancellationToken cancel)
    {
        return (await ChainsAsync(cancel))
            .Where(c => (string?)c["hook"] == "forward" && (string?)c["policy"] == "drop")
            .Where(c => (string?)c["table"] != NetworkRules.Table && (string?)c["family"] is "ip" or "inet" or "bridge")
            .Select(c => $"{c["family"]} {c["table"]} {c["name"]}")
            .FirstOrDefault();
    }

    // By the chains of the tables, and what the kernel said about the rules after they were loaded: somebody may have removed or added
    // one. A table without chains does not come from forge.
    private async Task<bool> IsLoadedAsync(NetworkRules rules, CancellationToken cancel)
    {
        if (!rules.IsEmpty && !records.LoadedRules.StartsWith(rules.Generation + " ", StringComparison.Ordinal))
        {
            return false;
        }

        var loaded = (await ChainsAsync(cancel))
            .Where(c => (string?)c["table"] == NetworkRules.Table)
            .Select(c => ((string?)c["family"], (string?)c["name"]))
            .ToHashSet();
        return rules.IsEmpty
            ? loaded.Count == 0
            : loaded.Contains(("inet", rules.Generation))
                && loaded.Contains(("bridge", rules.Generation))
                && records.LoadedRules == await FingerprintAsync(rules, cancel);
    }

    // Without the order of the elements of a set, which the kernel does not promise.
    private static async Task<string> FingerprintAsync(NetworkRules rules, CancellationToken cancel)
    {
        var text = new StringBuilder();
        foreach (var family in new[] { "inet", "bridge" })
        {
            text.Append((await RunAsync(["--stateless", "list", "table", family, NetworkRules.Table], null, cancel)).Output);
        }

        var sorted = ElementsForm()
            .Replace(text.ToString(), m => string.Join(',', m.Value.Split(',', Trimmed).Order(StringComparer.Ordinal)));
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(sorted));
        return $"{rules.Generation} {Convert.ToHexStringLower(hash)}";
    }

    [GeneratedRegex(@"(?<=elements = \{)[^}]*", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ElementsForm();

    private NetworkRules Rules() => new(records.All(), Uplink.Protected());

    // The chains of all tables of this machine.
    private static async Task<IReadOnlyList<JsonNode>> ChainsAsync(CancellationToken cancel)
    {
        var answer = await RunAsync(["-j", "list", "chains"], null, cancel);
        try
        {
            return [.. (JsonNode.Parse(answer.Output)?["nftables"]?.AsArray() ?? []).Select(o => o?["chain"]).OfType<JsonNode>()];
        }
        catch (JsonException e)
        {
            throw new ForgeException(ExitCode.Unavailable, "the answer of nft is invalid", e);
        }
    }

    private static async Task<ChildResult> RunAsync(IReadOnlyList<string> arguments, Stream? input, CancellationToken cancel)
    {
        var command = new ChildCommand(NetworkPrograms.Find("nft"), arguments, Timeout, 16 * 1024 * 1024)
        {
            Input = input,
            WorkingDirectory = "/",
        };
        var result = await ChildProcess.RunAsync(command, cancel);
        return result.ExitCode == 0 ? result : throw NetworkPrograms.Failure("nft", result);
    }
}
