namespace Wombat.Domain.Plugins;

/// <summary>What to create.</summary>
/// <param name="Resource">Its key and name.</param>
/// <param name="Spec">The spec that the kind's use case has prepared for this call.</param>
public sealed record ProvisionRequest<TSpec>(ResourceRef Resource, TSpec Spec);
