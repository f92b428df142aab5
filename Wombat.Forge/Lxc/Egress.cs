namespace Wombat.Forge.Lxc;

/// <summary>Where containers can open connections to, besides the containers of their own network.</summary>
internal enum Egress
{
    /// <summary>Nowhere.</summary>
    Deny,

    /// <summary>Public addresses and the name servers, but no private ones.</summary>
    Internet,

    /// <summary>Everything that the machine routes, except the machine itself, other networks and link-local addresses.</summary>
    Allow,
}
