namespace Wombat.Application.Commands;

/// <summary>A message about one command, run or workspace, whose project decides about the access.</summary>
public interface ICommandScoped
{
    CommandNoun Noun { get; }

    Guid ItemId { get; }
}
