namespace Wombat.Domain.Containers;

/// <summary>Ability: containers on several nodes of a cluster, of which a request may name one.</summary>
public interface IPlacesContainers
{
    /// <summary>The nodes that a request may name; empty if only the outside system knows them.</summary>
    IReadOnlyList<string> Nodes { get; }
}
