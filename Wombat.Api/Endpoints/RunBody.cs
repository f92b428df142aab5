namespace Wombat.Api.Endpoints;

/// <summary>With what a command is run.</summary>
internal sealed class RunBody
{
    /// <summary>Values by the names of the parameters, as text; absent ones get their defaults.</summary>
    public Dictionary<string, string?>? Parameters { get; init; }

    /// <summary>The host, for a command of kind ssh with several.</summary>
    public Guid? HostId { get; init; }

    internal IReadOnlyDictionary<string, string?> Values => Parameters ?? new Dictionary<string, string?>(StringComparer.Ordinal);
}
