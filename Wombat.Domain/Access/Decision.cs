namespace Wombat.Domain.Access;

/// <summary>The result of a permission check.</summary>
public enum Decision
{
    Allowed,

    /// <summary>The caller may see the object but lacks the permission.</summary>
    Refused,

    /// <summary>The caller may not know that the object exists.</summary>
    Hidden,
}
