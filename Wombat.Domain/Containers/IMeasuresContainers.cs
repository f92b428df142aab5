using Wombat.Domain.Common;

namespace Wombat.Domain.Containers;

/// <summary>Ability: what running containers use.</summary>
public interface IMeasuresContainers
{
    /// <summary>What all running containers use now, by their keys.</summary>
    /// <exception cref="ExternalSystemException">Unavailable: it cannot be measured now.</exception>
    Task<IReadOnlyDictionary<string, ContainerUsage>> MeasureAsync(CancellationToken cancel);
}
