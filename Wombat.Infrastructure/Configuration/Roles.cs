namespace Wombat.Infrastructure.Configuration;

/// <summary>What a process does; by default everything.</summary>
[Flags]
public enum Roles
{
    None = 0,
    Api = 1,
    Worker = 2,
    Reconciler = 4,
}
