namespace Wombat.Domain.Commands;

/// <summary>Where the private key is with which Wombat signs in to a host.</summary>
public enum SshKeySource
{
    /// <summary>Encrypted in the database.</summary>
    Stored,

    /// <summary>In a file of the machine of Wombat.</summary>
    File,

    /// <summary>In an SSH agent on the machine of Wombat.</summary>
    Agent,
}
