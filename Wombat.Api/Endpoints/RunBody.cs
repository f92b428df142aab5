using System.ComponentModel.DataAnnotations;
using Wombat.Domain.Commands;

namespace Wombat.Api.Endpoints;

/// <summary>With what a command is run.</summary>
internal sealed class RunBody
{
    /// <summary>Values by the names of the parameters, as text; absent ones get their defaults.</summary>
    public Dictionary<string, string?>? Parameters { get; init; }

    /// <summary>
    /// For a command of kind ssh: on which of its hosts it runs, in this order. On several each host has a run of its own. May be absent
    /// if the command has one host.
    /// </summary>
    [MaxLength(CommandSpec.HostsMax)]
    public Guid[]? HostIds { get; init; }

    internal IReadOnlyDictionary<string, string?> Values => Parameters ?? new Dictionary<string, string?>(StringComparer.Ordinal);
}
