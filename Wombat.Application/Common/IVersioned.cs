namespace Wombat.Application.Common;

/// <summary>An answer whose version is its ETag.</summary>
public interface IVersioned
{
    /// <summary>Counts the changes.</summary>
    int Version { get; }
}
