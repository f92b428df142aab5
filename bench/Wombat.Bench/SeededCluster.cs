namespace Wombat.Bench;

/// <summary>A database of <see cref="ClusterSeed"/>.</summary>
internal sealed record SeededCluster(Guid Id, string ExternalName)
{
    /// <summary>The name of its Cluster.</summary>
    public string Name => $"wombat-{ExternalName}";

    public string Key => $"wombat-{Id:N}";
}
