namespace Wombat.Infrastructure.Plugins.Cnpg;

/// <summary>The namespace and the name of a cluster; the external id of its database.</summary>
internal sealed record ClusterId(string Namespace, string Name)
{
    /// <summary>Null when the text is no id of a cluster.</summary>
    public static ClusterId? TryParse(string text) =>
        text.Split('/') is [{ Length: > 0 } space, { Length: > 0 } name] ? new ClusterId(space, name) : null;

    /// <summary>Whether it is the cluster, or an object that is named after it.</summary>
    public bool IsPartOf(ClusterId cluster) =>
        Namespace == cluster.Namespace && (Name == cluster.Name || Name.StartsWith($"{cluster.Name}-", StringComparison.Ordinal));

    public override string ToString() => $"{Namespace}/{Name}";
}
