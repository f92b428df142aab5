using Wombat.Domain.Plugins;

namespace Wombat.Domain.Containers;

/// <summary>A container that its plugin has.</summary>
/// <param name="Spec">
/// As far as the plugin tells it, with the network and the host name; what it does not tell is null, the template empty.
/// </param>
public sealed record ListedContainer(ListedResource Resource, ContainerSpec Spec);
