#pragma warning disable CA1720 // The names are those of JSON Schema and part of the API.
namespace Wombat.Domain.Commands;

/// <summary>The type of a command's parameter.</summary>
public enum ParameterType
{
    /// <summary>Text that a pattern limits.</summary>
    String,

    /// <summary>A whole number, optionally within bounds.</summary>
    Integer,

    /// <summary>true or false.</summary>
    Boolean,

    /// <summary>One of the listed values.</summary>
    Enum,

    /// <summary>A host of SSH of the command's project, by its id or name. The program gets its name.</summary>
    Host,

    /// <summary>A container or a database of the command's project, by its id or name. The program gets its name.</summary>
    Resource,

    /// <summary>Text that is encrypted in the database, masked in the log, and never returned.</summary>
    Secret,
}
