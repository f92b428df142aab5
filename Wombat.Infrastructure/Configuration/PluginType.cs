using Wombat.Domain.Plugins;

namespace Wombat.Infrastructure.Configuration;

/// <summary>
/// A plugin type that instances are configured of. Every class in the server's assembly that derives from it is found by its
/// name; docs/how-to/add-a-plugin.md shows how to write one.
/// </summary>
public abstract class PluginType
{
    /// <summary>The value of <c>plugins.INSTANCE.type</c>, such as <c>proxmox</c>.</summary>
    public abstract string Name { get; }

    /// <summary>Whether an instance that is named after the type exists without any setting.</summary>
    public virtual bool HasDefaultInstance => false;

    /// <summary>Reads the settings of one instance and reports wrong ones to the section.</summary>
    /// <returns>Creates the plugin when the server is put together.</returns>
    public abstract Func<IServiceProvider, IPlugin> Configure(PluginSection section);
}
