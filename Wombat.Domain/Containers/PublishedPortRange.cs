namespace Wombat.Domain.Containers;

/// <summary>The ports of hosts at which ports of containers may be published.</summary>
/// <param name="First">The lowest one.</param>
/// <param name="Last">The highest one.</param>
public sealed record PublishedPortRange(int First, int Last)
{
    public int Count => Last - First + 1;

    public bool Contains(int port) => port >= First && port <= Last;

    public override string ToString() => $"{First} to {Last}";
}
