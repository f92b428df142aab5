namespace Wombat.Application.Jobs;

/// <summary>The direction of a search in a log.</summary>
public enum SearchDirection
{
    Forward,
    Backward,
}
