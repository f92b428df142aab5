using System.Collections.Concurrent;
using System.Reflection;
using Microsoft.AspNetCore.Mvc;
using Wombat.Application.Common;
using Wombat.Domain.Common;

namespace Wombat.Api.Middleware;

/// <summary>Rejects unknown and repeated query parameters and times without an offset, so that a misspelled filter does not return everything.</summary>
internal sealed class StrictQueryParameters(RequestDelegate next)
{
    private readonly ConcurrentDictionary<MethodInfo, Dictionary<string, Type>> known = new();

    public Task InvokeAsync(HttpContext context)
    {
        if (
            context.Request.QueryString.HasValue
            && context.GetEndpoint()?.Metadata.GetMetadata<MethodInfo>() is { } handler
            && !handler.IsDefined(typeof(AllowUnknownQueryAttribute))
        )
        {
            var parameters = known.GetOrAdd(handler, Parameters);
            foreach (var (name, values) in context.Request.Query)
            {
                if (!parameters.TryGetValue(name, out var type))
                {
                    throw new InvalidInputException(name, "is not a parameter of this request");
                }

                if (values.Count > 1 && type != typeof(string[]))
                {
                    throw new InvalidInputException(name, "is specified more than once");
                }

                if (type == typeof(DateTimeOffset?) && !Rfc3339.TryParse(values[0], out _))
                {
                    // A plus sign in a query string means a space.
                    var hint = values[0]?.Contains(' ') == true ? "; the + of an offset is written %2B in a query string" : "";
                    throw new InvalidInputException(name, Rfc3339.Expected + hint);
                }
            }
        }

        return next(context);
    }

    // Query parameters are optional, so they are strings or nullable; other parameters are services and route values.
    private static Dictionary<string, Type> Parameters(MethodInfo handler) =>
        handler
            .GetParameters()
            .SelectMany(p => p.IsDefined(typeof(AsParametersAttribute)) ? p.ParameterType.GetConstructors().Single().GetParameters() : [p])
            .Where(p =>
                p.ParameterType == typeof(string)
                || p.ParameterType == typeof(string[])
                || Nullable.GetUnderlyingType(p.ParameterType) is not null
            )
            .ToDictionary(p => p.GetCustomAttribute<FromQueryAttribute>()?.Name ?? p.Name!, p => p.ParameterType, StringComparer.Ordinal);
}
