using Wombat.Application.Persistence;
using Wombat.Domain.Plugins;

namespace Wombat.Application.Resources;

/// <summary>What every job of a resource needs.</summary>
internal sealed record ResourceJobServices(
    IWombatDbContext Db,
    ResourceKinds Kinds,
    PluginRegistry Plugins,
    HostPlacement Placement,
    ResourceEvents Events,
    TimeProvider Clock
);
