namespace Wombat.Application.Commands;

/// <summary>The types of objects that belong to a project or to the platform.</summary>
public enum CommandNoun
{
    Command,
    Run,
    Workspace,
    Host,
    Schedule,
}
