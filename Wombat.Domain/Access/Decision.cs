namespace Wombat.Domain.Access;

/// <summary>What the matrix answers.</summary>
public enum Decision
{
    Allowed,

    /// <summary>The caller may know of it but not do this.</summary>
    Refused,

    /// <summary>The caller may not even know that it exists.</summary>
    Hidden,
}
