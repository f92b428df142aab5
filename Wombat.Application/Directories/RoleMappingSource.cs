namespace Wombat.Application.Directories;

/// <summary>Where the groups of a role mapping come from.</summary>
public enum RoleMappingSource
{
    /// <summary>The LDAP directory.</summary>
    Ldap,

    /// <summary>The OpenID provider.</summary>
    OpenId,
}
