namespace Wombat.Domain.Commands;

/// <summary>What happens to the fires of a schedule for which no Wombat ran in time.</summary>
public enum MissedFires
{
    /// <summary>They are not made up for.</summary>
    Skip,

    /// <summary>The newest one is made up for.</summary>
    Once,

    /// <summary>Each one is made up for, the oldest first; of very many the newest.</summary>
    All,
}
