using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Wombat.Domain.Containers;
using Wombat.Domain.Plugins;
using Wombat.Domain.Resources;

namespace Wombat.Infrastructure.Plugins.Proxmox;

/// <summary>The output of a container CLI about one container: a JSON object, or lines such as <c>ID: 321</c>.</summary>
internal sealed partial record CliAnswer(string? Id, string? Name, string? Key, string? Status, string? IpAddress, string? Note)
{
    /// <summary>The account inside that SSH keys open; null if the CLI does not say it.</summary>
    public string? SshUser { get; init; }

    /// <summary>The node of the cluster on which it is; null if the CLI does not say it.</summary>
    public string? Node { get; init; }

    /// <summary>Whether it is stopped because its machine was restarted while it ran.</summary>
    public bool IsInterrupted { get; init; }

    /// <summary>What it was created with and has now, as far as the CLI says it.</summary>
    public ContainerSpec Spec { get; init; } = new("");

    private static readonly string[] IdNames = ["id", "vmid", "ct_id", "ctid"];
    private static readonly string[] StatusNames = ["status", "state"];
    private static readonly string[] AddressNames = ["ip", "ip_address", "address"];

    /// <summary>Parses the output. Returns null if it has neither form, for example incomplete JSON.</summary>
    public static CliAnswer? Read(string output)
    {
        var text = output.TrimStart('\uFEFF').Trim();
        if (text.StartsWith('{'))
        {
            try
            {
                return From(JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(text)!);
            }
            catch (JsonException)
            {
                return null;
            }
        }

        var fields = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var line in text.Split('\n'))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0)
            {
                fields.TryAdd(line[..colon].Trim(), line[(colon + 1)..].Trim());
            }
        }

        var answer = Of(names => names.Select(n => fields.GetValueOrDefault(n)).FirstOrDefault(v => v is not null));
        return answer is { Id: null, Status: null } ? null : answer;
    }

    /// <summary>Returns null if the id cannot be stored or passed as an argument.</summary>
    public static CliAnswer? From(IReadOnlyDictionary<string, JsonElement> element)
    {
        try
        {
            var answer = Of(names =>
                names
                    .Select(n => Value(element, n))
                    .FirstOrDefault(v => v is { ValueKind: JsonValueKind.String or JsonValueKind.Number })
                    ?.ToString()
            );
            return answer is null
                ? null
                : answer with
                {
                    IsInterrupted = Value(element, "interrupted") is { ValueKind: JsonValueKind.True },
                };
        }
        catch (InvalidOperationException)
        {
            // An unpaired surrogate.
            return null;
        }
    }

    /// <summary>The state; null if the word is unknown.</summary>
    public ObservedState? State =>
        Status?.ToLowerInvariant() switch
        {
            "running" or "started" or "active" or "up" => ObservedState.Running,
            "stopped" or "exited" or "down" or "off" => ObservedState.Stopped,
            "missing" or "deleted" or "absent" or "not_found" => ObservedState.Missing,
            "creating" or "broken" or "error" or "failed" => ObservedState.Broken,
            "unknown" or "unreachable" => ObservedState.Unknown,
            _ => null,
        };

    public ResourceObservation ToObservation(ObservedState state, string? id) =>
        new(state, id, Note)
        {
            IsInterrupted = IsInterrupted,
            Endpoints = IpAddress is null ? [] : [new ResourceEndpoint("host", IpAddress)],
            Facts = FactsOf((Container.SshUserFact, SshUser), (Container.NodeFact, Node)),
        };

    private static Dictionary<string, string>? FactsOf(params (string Name, string? Value)[] all) =>
        all.Any(f => f.Value is not null)
            ? all.Where(f => f.Value is not null).ToDictionary(f => f.Name, f => f.Value!, StringComparer.Ordinal)
            : null;

    // Prefers the exact name, then ignores case.
    private static JsonElement? Value(IReadOnlyDictionary<string, JsonElement> element, string name) =>
        element.TryGetValue(name, out var value) ? value
        : element.FirstOrDefault(e => e.Key.Equals(name, StringComparison.OrdinalIgnoreCase)) is { Key: not null } other ? other.Value
        : null;

    private static CliAnswer? Of(Func<string[], string?> get)
    {
        var id = get(IdNames);
        var address = get(AddressNames)?.Split('/')[0];
        return id is null || IsId(id)
            ? new CliAnswer(
                id,
                get(["name", "hostname"]),
                get(["key"]),
                get(StatusNames),
                IPAddress.TryParse(address, out _) ? address : null,
                get(["note"])
            )
            {
                SshUser = get(["ssh_user"]) is { } user && UserRegex().IsMatch(user) ? user : null,
                Node = get(["node"]) is { Length: <= Container.NodeMax } node && Container.NodeRegex().IsMatch(node) ? node : null,
                Spec = SpecOf(get),
            }
            : null;
    }

    private static ContainerSpec SpecOf(Func<string[], string?> get)
    {
        int? Number(string name, int max) =>
            int.TryParse(get([name]), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 && number <= max
                ? number
                : null;
        string? Name(string name, Regex form) =>
            get([name]) is { Length: <= Container.TemplateMax } text && form.IsMatch(text) ? text : null;
        return new ContainerSpec(
            Name("template", Container.TemplateRegex()) ?? "",
            Number("cpu", Container.CpuMax),
            Number("memory", Container.MemoryMaxMiB),
            Number("disk", Container.DiskMaxGiB)
        )
        {
            Network = Name("network", Container.TemplateRegex()),
            Hostname = Name("hostname", Container.NameRegex()),
        };
    }

    [GeneratedRegex(@"^[a-z_][a-z0-9_-]{0,31}\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex UserRegex();

    private static bool IsId(string id) => id.Length is > 0 and <= Resource.ExternalIdMax && id[0] != '-' && !id.Any(char.IsControl);
}
