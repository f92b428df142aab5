using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Wombat.Application.Commands;
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

    /// <summary>Runs it on all hosts that the command has now, instead of <c>host_ids</c>.</summary>
    [DefaultValue(false)]
    public bool? AllHosts { get; init; }

    internal HostChoice Hosts => new(HostIds ?? [], AllHosts ?? false);

    internal IReadOnlyDictionary<string, string?> Values => Parameters ?? new Dictionary<string, string?>(StringComparer.Ordinal);
}
