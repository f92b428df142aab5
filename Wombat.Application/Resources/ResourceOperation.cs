using Wombat.Application.Jobs;
using Wombat.Domain.Access;
using Wombat.Domain.Jobs;
using Wombat.Domain.Plugins;
using Wombat.Domain.Resources;

namespace Wombat.Application.Resources;

/// <summary>Something that a job does with an existing resource by one plugin call, such as a restart.</summary>
/// <param name="Name">The verb in the API, in job kinds and in events, such as <c>restart</c>.</param>
/// <param name="OfferedIn">The statuses in which the allowed actions show it.</param>
/// <param name="Bind">The call of a plugin; null when the plugin lacks the ability. It returns the state after it, or null when the
/// state does not change.</param>
public sealed record ResourceOperation(
    string Name,
    IReadOnlyList<ResourceStatus> OfferedIn,
    Func<IPlugin, Func<OperationCall, CancellationToken, Task<ResourceObservation?>>?> Bind
)
{
    /// <summary>The statuses in which it is accepted.</summary>
    public IReadOnlyList<ResourceStatus> AllowedIn { get; init; } = [ResourceStatus.Running, ResourceStatus.Stopped, ResourceStatus.Error];

    /// <summary>Whether the allowed actions show it for a resource in one of the statuses.</summary>
    public Func<ResourceDto, bool> IsOffered { get; init; } = _ => true;

    /// <summary>
    /// The permission that it requires; null for that of the kind's operations. Only an operation with arguments may have its own.
    /// </summary>
    public Permission? Permission { get; init; }

    /// <summary>
    /// Whether a failure leaves the status of the resource as it is, since the resource does not change then or the next observation
    /// tells its state.
    /// </summary>
    public bool KeepsStatus { get; init; }

    /// <summary>The type of its arguments; null when it has none.</summary>
    public Type? Arguments { get; private init; }

    /// <summary>How its jobs are run.</summary>
    public JobOptions JobOptions { get; init; } = new();

    /// <summary>Creates the job kind of a name, with the permission to retry.</summary>
    public Func<string, Permission, JobOptions, JobKind> NewJobKind { get; private init; } =
        (name, permission, options) => new JobKind(name, permission) { Options = options };

    /// <summary>An operation of plugins with an ability.</summary>
    public static ResourceOperation Of<TAbility>(
        string name,
        IReadOnlyList<ResourceStatus> offeredIn,
        Func<TAbility, ResourceRef, IPluginLog, CancellationToken, Task<ResourceObservation>> call
    )
        where TAbility : class =>
        new(name, offeredIn, plugin => plugin is TAbility able ? async (c, cancel) => await call(able, c.Resource, c.Log, cancel) : null);

    /// <summary>An operation with arguments, which is accepted where it is offered.</summary>
    public static ResourceOperation Of<TAbility, TSpec, TArguments>(
        string name,
        IReadOnlyList<ResourceStatus> offeredIn,
        Func<TAbility, ProvisionRequest<TSpec>, TArguments, IPluginLog, CancellationToken, Task<ResourceObservation>> call
    )
        where TAbility : class
        where TSpec : class
        where TArguments : class =>
        WithArguments<TAbility, TSpec, TArguments>(name, offeredIn, async (a, r, x, log, c) => await call(a, r, x, log, c));

    /// <summary>An operation with arguments that does not change the state of the resource, such as a backup.</summary>
    public static ResourceOperation OfSameState<TAbility, TSpec, TArguments>(
        string name,
        IReadOnlyList<ResourceStatus> offeredIn,
        Func<TAbility, ProvisionRequest<TSpec>, TArguments, IPluginLog, CancellationToken, Task> call
    )
        where TAbility : class
        where TSpec : class
        where TArguments : class =>
        WithArguments<TAbility, TSpec, TArguments>(
            name,
            offeredIn,
            async (ability, request, arguments, log, cancel) =>
            {
                await call(ability, request, arguments, log, cancel);
                return null;
            }
        ) with
        {
            KeepsStatus = true,
        };

    private static ResourceOperation WithArguments<TAbility, TSpec, TArguments>(
        string name,
        IReadOnlyList<ResourceStatus> offeredIn,
        Func<TAbility, ProvisionRequest<TSpec>, TArguments, IPluginLog, CancellationToken, Task<ResourceObservation?>> call
    )
        where TAbility : class
        where TSpec : class
        where TArguments : class =>
        new(
            name,
            offeredIn,
            plugin =>
                plugin is TAbility able
                    ? (c, cancel) =>
                        call(able, new ProvisionRequest<TSpec>(c.Resource, (TSpec)c.Spec), c.Run.ReadArguments<TArguments>(), c.Log, cancel)
                    : null
        )
        {
            AllowedIn = offeredIn,
            Arguments = typeof(TArguments),
            NewJobKind = (job, permission, options) => new TypedJobKind<TArguments>(job, permission) { Options = options },
        };
}
