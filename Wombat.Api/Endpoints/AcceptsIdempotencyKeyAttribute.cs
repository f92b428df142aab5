namespace Wombat.Api.Endpoints;

/// <summary>Marks an endpoint that accepts an Idempotency-Key.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class AcceptsIdempotencyKeyAttribute : Attribute;
