namespace Wombat.Infrastructure.Persistence;

/// <summary>The name of a table or column in a <see cref="SqlText"/>, quoted.</summary>
internal readonly record struct SqlName(string Name)
{
    public override string ToString() => $"\"{Name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
