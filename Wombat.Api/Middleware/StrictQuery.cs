using System.Collections.Concurrent;
using System.Reflection;
using Microsoft.AspNetCore.Mvc;
using Wombat.Domain.Common;

namespace Wombat.Api.Middleware;

/// <summary>A misspelt filter must not quietly give everything: names that an endpoint does not read are errors, and so are doubled ones.</summary>
internal sealed class StrictQuery(RequestDelegate next)
{
    private readonly ConcurrentDictionary<MethodInfo, HashSet<string>> known = new();

    public Task InvokeAsync(HttpContext context)
    {
        if (context.Request.QueryString.HasValue && context.GetEndpoint()?.Metadata.GetMetadata<MethodInfo>() is { } handler && !handler.IsDefined(typeof(TakesAnyQueryAttribute)))
        {
            var names = known.GetOrAdd(handler, Names);
            foreach (var (name, values) in context.Request.Query)
            {
                if (!names.Contains(name))
                {
                    throw new InvalidInputException(name, "is not a parameter of this request");
                }

                if (values.Count > 1)
                {
                    throw new InvalidInputException(name, "is given twice");
                }
            }
        }

        return next(context);
    }

    // What comes from the address alone is optional, and so a string or nullable: the rest are services and ids of the path.
    private static HashSet<string> Names(MethodInfo handler) =>
        handler.GetParameters().SelectMany(p => p.IsDefined(typeof(AsParametersAttribute)) ? p.ParameterType.GetConstructors().Single().GetParameters() : [p])
            .Where(p => p.ParameterType == typeof(string) || Nullable.GetUnderlyingType(p.ParameterType) is not null)
            .Select(p => p.GetCustomAttribute<FromQueryAttribute>()?.Name ?? p.Name!).ToHashSet(StringComparer.Ordinal);
}

/// <summary>Others write the address of this endpoint, and append what they like.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class TakesAnyQueryAttribute : Attribute;
