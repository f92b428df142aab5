namespace Wombat.Domain.Access;

/// <summary>Who has a permission. Admins have them all.</summary>
public enum Audience
{
    /// <summary>Whoever comes, with nothing.</summary>
    Anyone,

    /// <summary>Whoever brings a valid credential.</summary>
    Everyone,

    /// <summary>Every user, by a credential that is not bound to one project.</summary>
    SignedIn,

    /// <summary>The user whose account it is.</summary>
    Self,

    /// <summary>Members of the project, whoever else its visibility lets in.</summary>
    Member,

    /// <summary>Members of the project; for what only reads, also those whom its visibility lets in.</summary>
    Viewer,

    /// <summary>The project's developers and managers.</summary>
    Developer,

    /// <summary>The project's managers.</summary>
    ProjectManager,

    /// <summary>Admins of the platform alone.</summary>
    Admin,
}
