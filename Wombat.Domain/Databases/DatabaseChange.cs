namespace Wombat.Domain.Databases;

/// <summary>A change of an existing database that a provider can be asked about before it is made.</summary>
public enum DatabaseChange
{
    /// <summary>The settings of another or a changed tier.</summary>
    Tier,

    Freeze,

    RestoreInPlace,

    /// <summary>A deletion by the policy of the tier.</summary>
    Delete,
}
