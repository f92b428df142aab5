namespace Wombat.Application.Commands;

/// <summary>What an import does with a command.</summary>
public enum CommandImportAction
{
    Create,
    Update,

    /// <summary>It is as the document says; it keeps its version.</summary>
    Unchanged,

    /// <summary>The document does not have it.</summary>
    Delete,
}
