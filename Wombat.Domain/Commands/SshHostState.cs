namespace Wombat.Domain.Commands;

/// <summary>What is known about a host that commands reach by SSH.</summary>
public enum SshHostState
{
    /// <summary>No admin has accepted its host keys yet. Nothing runs on it.</summary>
    Unverified,

    /// <summary>The last contact succeeded.</summary>
    Reachable,

    /// <summary>It did not answer.</summary>
    Unreachable,

    /// <summary>It answered with an accepted host key, and did not let Wombat in.</summary>
    LoginRefused,

    /// <summary>It answered with host keys that are not the accepted ones. Nothing runs on it until an admin accepts its keys.</summary>
    KeyChanged,
}
