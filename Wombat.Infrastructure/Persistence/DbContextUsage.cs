namespace Wombat.Infrastructure.Persistence;

/// <summary>Knows whether a scope has opened its context, so that a job that never did pays for none.</summary>
public sealed class DbContextUsage
{
    public bool IsUsed { get; internal set; }
}
