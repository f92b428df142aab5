namespace Wombat.Infrastructure.Persistence;

/// <summary>Tracks whether a scope has opened its context, so that jobs that need no context do not open one.</summary>
public sealed class DbContextUsage
{
    public bool IsUsed { get; internal set; }
}
