using Wombat.Domain.Containers;

namespace Wombat.Application.Containers;

/// <summary>A published port of a container.</summary>
/// <param name="Container">The TCP port inside the container.</param>
/// <param name="Host">The TCP port of the host; null in a plan that leaves the choice to Wombat.</param>
/// <param name="Url">Where it accepts connections while the container runs; null otherwise.</param>
/// <param name="Error">What cannot be published while the container runs, and why; null otherwise. It is tried again.</param>
public sealed record PublishedPortDto(int Container, int? Host, string? Url, string? Error)
{
    internal static IReadOnlyList<PublishedPortDto> Of(Container container)
    {
        if (container.Spec.Ports.Count == 0)
        {
            return [];
        }

        var states = container.PublishesPorts ? container.PortStates.ToDictionary(s => s.Host) : [];
        return
        [
            .. container.Spec.Ports.Select(p =>
            {
                var state = p.Host is { } host ? states.GetValueOrDefault(host) : null;
                return new PublishedPortDto(p.Container, p.Host, state?.Url, state?.Error);
            }),
        ];
    }
}
