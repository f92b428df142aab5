namespace Wombat.Domain.Resources;

/// <summary>What an observation changed on a resource.</summary>
public enum ObservationChange
{
    /// <summary>Nothing but the time of the observation.</summary>
    None,

    /// <summary>Facts, which are no event.</summary>
    Facts,

    /// <summary>Status or endpoints.</summary>
    Status,
}
