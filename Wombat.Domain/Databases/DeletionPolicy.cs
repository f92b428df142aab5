namespace Wombat.Domain.Databases;

/// <summary>What becomes of the data of a deleted database until its grace days have passed.</summary>
public enum DeletionPolicy
{
    /// <summary>The server is stopped and its data stay.</summary>
    Freeze,

    /// <summary>A final backup stays; the server's data are removed.</summary>
    Archive,

    /// <summary>Nothing stays.</summary>
    HardDelete,
}
