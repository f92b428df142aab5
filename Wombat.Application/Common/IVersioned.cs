namespace Wombat.Application.Common;

/// <summary>A response with a version for its ETag.</summary>
public interface IVersioned
{
    /// <summary>The number of changes.</summary>
    int Version { get; }
}
