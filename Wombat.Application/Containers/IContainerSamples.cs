namespace Wombat.Application.Containers;

/// <summary>The measurements of containers that are kept for a day.</summary>
public interface IContainerSamples
{
    /// <summary>The samples of a container since a time, the oldest first.</summary>
    Task<IReadOnlyList<ContainerSampleDto>> ReadAsync(Guid container, DateTimeOffset since, CancellationToken cancel);
}
