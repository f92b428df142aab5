namespace Wombat.Domain.Access;

/// <summary>Who has a permission. Admins have all permissions.</summary>
public enum Audience
{
    /// <summary>Everybody, without a credential.</summary>
    Anyone,

    /// <summary>Every caller with a valid credential.</summary>
    Everyone,

    /// <summary>Every user with a credential that is not restricted to one project.</summary>
    SignedIn,

    /// <summary>The user whose account it is.</summary>
    Self,

    /// <summary>Members of the project, regardless of its visibility.</summary>
    Member,

    /// <summary>Members of the project, and for reading also everybody to whom it is visible.</summary>
    Viewer,

    /// <summary>The project's developers and managers.</summary>
    Developer,

    /// <summary>The project's managers.</summary>
    ProjectManager,

    /// <summary>Admins only.</summary>
    Admin,
}
