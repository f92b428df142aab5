namespace Wombat.Application.Common;

/// <summary>A response with a version for its ETag.</summary>
public interface IVersioned
{
    /// <summary>Counts the changes.</summary>
    int Version { get; }
}
