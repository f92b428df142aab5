namespace Wombat.Domain.Databases;

/// <summary>What a user of a database may do in it.</summary>
public enum DatabaseRole
{
    /// <summary>Everything that the database's own user may.</summary>
    Owner,

    /// <summary>Read and change rows of all tables, also of future ones.</summary>
    ReadWrite,

    /// <summary>Read rows of all tables, also of future ones.</summary>
    ReadOnly,
}
