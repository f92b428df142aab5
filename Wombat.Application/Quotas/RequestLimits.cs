namespace Wombat.Application.Quotas;

/// <summary>How many requests a caller may make; 0 is no limit.</summary>
/// <param name="RequestsPerUser">Requests a second, on average.</param>
/// <param name="ChangesPerUser">Requests a second other than GET, of callers who are not admins.</param>
/// <param name="FailuresPerAddress">Requests a second without a valid credential.</param>
/// <param name="StreamsPerUser">Streams open at the same time.</param>
/// <param name="RequestsInFlight">Requests of a user that are processed at the same time; more wait.</param>
/// <param name="ExpensiveRequests">Of these, filtered lists, log pages, event pages and plans.</param>
/// <param name="ConnectionsPerAddress">Connections open at the same time.</param>
public sealed record RequestLimits(
    int RequestsPerUser,
    int ChangesPerUser,
    int FailuresPerAddress,
    int StreamsPerUser,
    int RequestsInFlight,
    int ExpensiveRequests,
    int ConnectionsPerAddress
);
