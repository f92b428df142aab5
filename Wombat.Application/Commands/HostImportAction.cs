namespace Wombat.Application.Commands;

/// <summary>What an import does with a host of its document.</summary>
public enum HostImportAction
{
    /// <summary>Registers it.</summary>
    Create,

    /// <summary>Nothing: a host of this name exists and is reached in the same way.</summary>
    Unchanged,

    /// <summary>Nothing: a host of this name exists and is reached in another way.</summary>
    Skip,
}
