using Wombat.Domain.Common;

namespace Wombat.Domain.Plugins;

/// <summary>Ability: another host name for a resource, also while it runs.</summary>
public interface IRenamesResources
{
    /// <summary>
    /// Gives the resource another host name. Its name and id in the outside system stay. A repeated call has the same result.
    /// </summary>
    /// <exception cref="ExternalSystemException">NotFound: there is no such resource.</exception>
    Task RenameAsync(ResourceRef resource, string hostname, IPluginLog log, CancellationToken cancel);
}
