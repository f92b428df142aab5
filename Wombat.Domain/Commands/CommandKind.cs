namespace Wombat.Domain.Commands;

/// <summary>What a command executes.</summary>
public enum CommandKind
{
    /// <summary>A target of the Makefile of a workspace.</summary>
    Make,

    /// <summary>A program with its arguments on the machine of Wombat.</summary>
    Local,

    /// <summary>A program with its arguments on a host that Wombat reaches by SSH.</summary>
    Ssh,
}
