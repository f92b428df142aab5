namespace Wombat.Domain.Resources;

/// <summary>What an observation changed on a resource.</summary>
public enum ObservationChange
{
    /// <summary>Nothing but the time of the observation.</summary>
    None,

    /// <summary>Facts or the reason of the status, which are no event.</summary>
    Facts,

    /// <summary>The differences from what was requested.</summary>
    Drift,

    /// <summary>Status or endpoints, and maybe more.</summary>
    Status,
}
