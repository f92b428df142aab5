namespace Wombat.Infrastructure.Configuration;

/// <summary>The roles of a process; by default all.</summary>
[Flags]
public enum Roles
{
    None = 0,
    Api = 1,
    Worker = 2,
    Reconciler = 4,
}
