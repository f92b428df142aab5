namespace Wombat.Infrastructure.Plugins.LocalPostgres;

/// <summary>How far a restore in place is.</summary>
internal enum RestoreStep
{
    /// <summary>The backup is restored beside the present data, which stay in use.</summary>
    Recovering,

    /// <summary>The restored data directory takes the place of the present one; this is only completed, never undone.</summary>
    Swapping,

    /// <summary>The restored data are in place, and only Wombat can connect.</summary>
    Finishing,

    Done,
}
