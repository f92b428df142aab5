using Wombat.Domain.Plugins;
using Wombat.Domain.Resources;

namespace Wombat.Application.Resources;

/// <summary>Something that a job does with an existing resource by one plugin call, such as a restart.</summary>
/// <param name="Name">The verb in the API, in job kinds and in events, such as <c>restart</c>.</param>
/// <param name="OfferedIn">The statuses in which the allowed actions show it.</param>
/// <param name="Bind">The call of a plugin; null when the plugin lacks the ability.</param>
public sealed record ResourceOperation(
    string Name,
    IReadOnlyList<ResourceStatus> OfferedIn,
    Func<IPlugin, Func<ResourceRef, IPluginLog, CancellationToken, Task<ResourceObservation>>?> Bind
)
{
    /// <summary>An operation of plugins with an ability.</summary>
    public static ResourceOperation Of<TAbility>(
        string name,
        IReadOnlyList<ResourceStatus> offeredIn,
        Func<TAbility, ResourceRef, IPluginLog, CancellationToken, Task<ResourceObservation>> call
    )
        where TAbility : class =>
        new(name, offeredIn, plugin => plugin is TAbility able ? (resource, log, cancel) => call(able, resource, log, cancel) : null);
}
